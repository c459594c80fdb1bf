// Names for what the theme adds, for keyboards and screen readers: tables that scroll, and buttons beside code.
const tended = new WeakSet()

function tend() {
  document.querySelectorAll(".md-typeset__scrollwrap").forEach((table) => {
    if (tended.has(table)) return
    tended.add(table)
    const titles = [...table.querySelectorAll("th")].map((cell) => cell.textContent.trim()).filter(Boolean)
    table.tabIndex = 0
    table.setAttribute("role", "group")
    table.setAttribute("aria-label", `Table: ${titles.join(", ")}`)
  })
  document.querySelector(".md-search")?.setAttribute("aria-label", "Search")
  document.querySelectorAll(".md-code__nav").forEach((buttons, place) => {
    if (tended.has(buttons)) return
    tended.add(buttons)
    buttons.setAttribute("aria-label", `Example ${place + 1}`)
  })
}

new MutationObserver(tend).observe(document.body, { childList: true, subtree: true })
tend()
