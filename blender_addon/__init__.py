"""The host side: strips and settings in Blender, jobs to the worker, painted strips back. Never imports torch or cv2."""


def register() -> None:
    """Registers every class, in the order in which they need each other."""
    from . import command, preferences, sequencer, settings

    for part in (settings, preferences, sequencer, command):
        part.register()


def unregister() -> None:
    """Takes back what `register` did, and lets the worker go."""
    from . import command, jobs, preferences, sequencer, settings

    jobs.close()
    for part in (command, sequencer, preferences, settings):
        part.unregister()
