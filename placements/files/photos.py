"""A photo written again: what can be seen of it, and nothing that the camera wrote beside it."""

from io import BytesIO
from typing import IO

from PIL import Image, ImageOps

from placements.core.errors import Refused

HEAD = 8192  # of these first bytes it is told what a file is
MOST_PIXELS = 50_000_000  # ours: any telephone's; more swells to more than the machine has
LONGEST_SIDE = 2560  # ours: as large as anybody looks at it
QUALITY = 85
FORMATS = ("JPEG", "PNG", "WEBP")


def stripped(name: str, photo: IO[bytes]) -> IO[bytes]:
    """The photo in the same format, turned as it was held, at most 2,560 pixels long, without any metadata.

    Raises Refused for one that is damaged, or has more pixels than are taken.
    """
    try:
        with Image.open(photo, formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise Image.DecompressionBombError
            return _written(opened)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused(f"“{name}” has more than 50 million pixels. Send a smaller copy of it.") from None
    except Exception as error:  # a hostile picture can break its reader in any way
        raise Refused(f"“{name}” is damaged or incomplete. Open it, save it again, then send it.") from error


def _written(opened: Image.Image) -> IO[bytes]:
    kind = opened.format or ""
    opened.thumbnail((LONGEST_SIDE, LONGEST_SIDE))  # only ever smaller; of a JPEG no more than that is read
    upright = ImageOps.exif_transpose(opened)
    has_alpha = kind != "JPEG" and upright.has_transparency_data
    seen = upright.convert("RGBA" if has_alpha else "RGB")
    seen.info.clear()  # comments, profiles, and what else a format would write again
    clean = BytesIO()
    seen.save(clean, kind, quality=QUALITY)
    clean.seek(0)
    return clean
