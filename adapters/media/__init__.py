"""Pictures and clips: probing, deriving, the ffmpeg child process."""
