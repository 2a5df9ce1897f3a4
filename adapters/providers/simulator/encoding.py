"""What all simulated clips share on ffmpeg's command line. No word of a prompt is in it."""

from __future__ import annotations

from pathlib import Path

from adapters.providers.simulator.spec import RenderSpec

GUARD = ("-protocol_whitelist", "file,pipe")
COLOUR_TAGS = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"
"""BT.709 as a filter: as options of the output they are not all written."""
_THREADS = "2"
"""Fixed: with another number the same pictures give other bytes."""
_NOTE = "Simulated render, not a real recording and not made by an AI model (algorithmicMedia)"


def quiet(ffmpeg: str) -> list[str]:
    """The program, saying only what is wrong."""
    return [ffmpeg, "-hide_banner", "-nostdin", "-v", "error", "-y"]


def file_url(path: Path) -> str:
    """A path that cannot be taken for an option or another protocol."""
    return f"file:{path}"


def sound_input(music: Path) -> list[str]:
    """The loop, again and again."""
    return [*GUARD, "-stream_loop", "-1", "-i", file_url(music)]


def encoding(spec: RenderSpec) -> list[str]:
    """H.264 and AAC in an MP4 that can be played while it loads, the same bytes each time."""
    fade = f"afade=in:d=0.3,afade=out:st={spec.seconds - 0.6}:d=0.6"
    picture = ("-c:v", "libx264", "-profile:v", "high", "-preset", "veryfast", "-crf", "21")
    sound = ("-af", fade, "-c:a", "aac", "-b:a", "96k", "-ar", "48000", "-ac", "2")
    exact = ("-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact")
    length = ("-frames:v", str(spec.frames), "-t", str(spec.seconds), "-g", str(2 * spec.fps))
    tags = ("-metadata", f"comment={_NOTE}", "-movflags", "+faststart")
    return [*picture, "-threads", _THREADS, *sound, *exact, *length, *tags, "-f", "mp4"]
