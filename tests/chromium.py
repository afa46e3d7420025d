"""Where Chromium is; None where it is not installed. Light, so that every run can ask."""

import shutil

CHROMIUM = shutil.which("chromium")
