"""Which torch a machine can run, from what its own programs report: all systems, judged on this one."""

import pytest
from stylestrip.blender_addon.runtime.builds import BUILDS
from stylestrip.blender_addon.runtime.lock import plan_for, read_lock
from stylestrip.blender_addon.runtime.machine import (
    Card,
    Choice,
    Machine,
    choose_build,
    read_architectures,
    read_cards,
    read_chip,
    read_header,
    read_trouble,
)
from stylestrip.style_core.job import UserError

from build_steps.environments import pins

# In the formats that the programs' manuals document.
TWO_CARDS = "NVIDIA GeForce GTX 1080 Ti, 580.95.05, 11264, 6.1\nNVIDIA GeForce RTX 4090, 580.95.05, 24564, 8.9\n"
OLD_DRIVER = 'Field "compute_cap" is not a valid field to query.\n'
HEADER = """
Thu Nov 26 12:00:00 2026
+-----------------------------------------------------------------------------+
| NVIDIA-SMI 470.57.02    Driver Version: 470.57.02    CUDA Version: 11.4     |
|-------------------------------+----------------------+----------------------+
"""
NO_DRIVER = """NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest
NVIDIA driver is installed and running.
"""
ROCMINFO = """ROCk module is loaded
=====================
HSA Agents
==========
*******
Agent 1
*******
  Name:                    AMD Ryzen 9 7950X 16-Core Processor
  Marketing Name:          AMD Ryzen 9 7950X 16-Core Processor
  Device Type:             CPU
*******
Agent 2
*******
  Name:                    gfx1100
  Marketing Name:          Radeon RX 7900 XTX
  Device Type:             GPU
    ISA 1
      Name:                    amdgcn-amd-amdhsa--gfx1100
"""
APPLE = """Hardware:

    Hardware Overview:

      Model Name: MacBook Pro
      Model Identifier: Mac15,6
      Chip: Apple M3 Pro
      Total Number of Cores: 12 (6 performance and 6 efficiency)
      Memory: 18 GB
"""
INTEL_MAC = """Hardware:

    Hardware Overview:

      Model Name: MacBook Pro
      Processor Name: 8-Core Intel Core i9
      Processor Speed: 2.3 GHz
"""


def linux(*cards: Card, **more: object) -> Machine:
    return Machine("Linux", "x86_64", "3.13", cards, **more)


def windows(*cards: Card, **more: object) -> Machine:
    return Machine("Windows", "AMD64", "3.13", cards, **more)


def card(driver: str, compute: float, name: str = "Card") -> Card:
    return Card(name, driver, 8192, compute)


# Reports


def test_nvidia_smi_is_read_with_and_without_what_an_old_driver_does_not_know():
    assert read_cards(TWO_CARDS) == (
        Card("NVIDIA GeForce GTX 1080 Ti", "580.95.05", 11264, 6.1),
        Card("NVIDIA GeForce RTX 4090", "580.95.05", 24564, 8.9),
    )
    assert read_cards("NVIDIA GB10, 580.95.05, [N/A], 12.1\n") == (Card("NVIDIA GB10", "580.95.05", 0, 12.1),)
    assert read_cards(OLD_DRIVER) == ()
    assert read_header(HEADER) == (Card("NVIDIA card", "470.57.02"),)
    assert read_header("") == read_cards("") == ()
    assert read_trouble(NO_DRIVER).startswith("NVIDIA-SMI has failed")
    assert read_trouble(HEADER) == ""


def test_rocminfo_and_system_profiler_are_read():
    assert read_architectures(ROCMINFO) == ("gfx1100",)
    assert read_architectures("ROCk module is NOT loaded, possibly no GPU devices") == ()
    assert read_chip(APPLE) == "Apple M3 Pro"
    assert read_chip(INTEL_MAC) == "8-Core Intel Core i9"


# The choice


@pytest.mark.parametrize(
    ("machine", "build", "folders"),
    [
        (linux(*read_cards(TWO_CARDS)), "cuda13", ()),
        (linux(card("580.65.06", 7.5)), "cuda13", ()),
        (linux(card("570.86", 8.9)), "cuda12", ("cu129", "cu128", "cu126")),
        (linux(card("570.86", 12.0)), "cuda12", ("cu129", "cu128")),
        (linux(card("580.65.06", 6.1)), "cuda12", ("cu126",)),
        (linux(card("390.157", 3.5)), "cpu", ("cpu",)),
        (windows(card("580.88", 8.9)), "cuda13", ("cu132", "cu130")),
        (windows(card("551.61", 8.9)), "cuda12", ("cu129", "cu128", "cu126")),
        (windows(), "cpu", ()),
        (linux(), "cpu", ("cpu",)),
        (linux(architectures=read_architectures(ROCMINFO)), "rocm", BUILDS["rocm"].folders),
        (linux(architectures=("gfx803",)), "cpu", ("cpu",)),
        (linux(card("580.65.06", 8.9), architectures=("gfx1100",)), "cuda13", ()),
        (windows(architectures=("gfx1100",)), "cpu", ()),
        (Machine("Darwin", "arm64", "3.13", chip=read_chip(APPLE)), "mps", ()),
    ],
)
def test_each_machine_gets_the_torch_that_it_can_run(machine, build, folders):
    choice = choose_build(machine)
    assert (choice.build, choice.folders) == (build, folders)
    assert choice.why


def test_a_driver_that_is_too_old_is_no_reason_to_paint_on_the_processor_without_a_word():
    for machine, oldest in ((linux(*read_header(HEADER)), "525.6"), (windows(*read_header(HEADER)), "528.33")):
        with pytest.raises(UserError, match=f"470.57.02 of NVIDIA card is too old for torch, which needs {oldest}"):
            choose_build(machine)
        assert choose_build(machine, "cpu").build == "cpu"


def test_why_the_processor_paints_is_told():
    assert "NVIDIA-SMI has failed" in choose_build(linux(trouble=read_trouble(NO_DRIVER))).why
    assert choose_build(linux(architectures=("gfx803",))).why == "torch has no code for the AMD card (gfx803)"
    assert choose_build(linux()).why == "no card that torch can use was found"


def test_a_wish_is_followed_and_one_that_cannot_be_is_refused_with_those_that_can():
    assert choose_build(linux(), "index") == Choice("cuda13", (), "as chosen: what the package index has")
    assert choose_build(windows(card("580.88", 8.9)), "index").build == "cpu"
    with pytest.raises(UserError, match="no build 'mps' of torch for Linux: choose one of auto, index, cuda13, cuda12"):
        choose_build(linux(), "mps")


@pytest.mark.parametrize(
    ("machine", "words"),
    [
        (Machine("Darwin", "x86_64", "3.11", chip=read_chip(INTEL_MAC)), "Macs with a processor of Intel's (8-Core"),
        (Machine("Windows", "ARM64", "3.13"), "Windows on ARM64"),
        (Machine("Linux", "aarch64", "3.13"), "Linux on aarch64"),
    ],
)
def test_a_machine_that_torch_is_not_made_for_is_told_so(machine, words):
    with pytest.raises(UserError) as error:
        choose_build(machine)
    assert words in str(error.value) and "choose a Python that has torch" in str(error.value)


# The wheels


@pytest.mark.parametrize("python", ["3.11", "3.13", "3.14"])
@pytest.mark.parametrize(
    ("system", "processor", "most"),
    [("Linux", "x86_64", 3300), ("Darwin", "arm64", 300), ("Windows", "AMD64", 300)],
)
def test_every_python_of_blender_has_every_wheel_locked_with_hash_and_size(system, processor, most, python):
    machine = Machine(system, processor, python)
    plan = plan_for(machine, choose_build(machine, "index"), read_lock())
    assert {f"{wheel.name}=={wheel.version}" for wheel in plan.wheels} >= {pin.lower() for pin in pins(["runtime"])}
    for wheel in plan.wheels:
        assert len(wheel.sha256) == 64 and wheel.size > 0 and wheel.installed > 0 and wheel.file.endswith(".whl")
        assert wheel.url == "", "the index tells, or its mirror"
    assert 100e6 < plan.download < most * 1e6 < plan.installed * 2.1
    cuda = [wheel.name for wheel in plan.wheels if wheel.name.startswith("nvidia-")]
    assert bool(cuda) == (system == "Linux")


def test_a_build_of_pytorchs_index_takes_the_rest_from_the_lock_and_nothing_of_cuda():
    plan = plan_for(linux(), choose_build(linux()), read_lock())
    assert [name for name, _ in plan.missing] == ["torch", "torchvision"]
    names = {wheel.name for wheel in plan.wheels}
    assert names >= {"numpy", "av", "sympy", "pip"} and not names & {"torch", "triton", "nvidia-cublas"}
    assert plan.download < 400e6


def test_a_python_without_wheels_is_named_with_those_that_have_some():
    machine = Machine("Linux", "x86_64", "3.12")
    with pytest.raises(UserError, match=r"wheels for Python 3\.11, 3\.13, 3\.14, and this Blender runs Python 3\.12"):
        plan_for(machine, choose_build(machine, "index"), read_lock())
