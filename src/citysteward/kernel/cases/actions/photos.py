"""Photos: judged by their bytes, cleaned of metadata, stored under their own digest."""

import hashlib
import io
import os
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from PIL import Image, ImageOps

from citysteward.kernel.cases import events
from citysteward.kernel.cases.actions.loop import Loop
from citysteward.kernel.cases.models import Attachment
from citysteward.kernel.cases.types import AttachmentKind, CaseError, Upload
from citysteward.lib.text import plain
from citysteward.lib.words import Words

LARGEST_BYTES = 15 * 1024 * 1024
LONGEST_EDGE = 2560
MOST_PIXELS = 80_000_000
"""Beyond any camera; a picture of more would take memory for nothing."""
MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "MPO": "image/jpeg"}


@dataclass(frozen=True)
class Photo:
    """A cleaned photo: right way up, without position, camera or time, at most 2,560 px."""

    name: str
    media_type: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def cleaned(upload: Upload) -> Photo:
    """The upload as a safe photo; raises CaseError(`photo`) for anything else."""
    if len(upload.content) > LARGEST_BYTES:
        raise _refused("The photo is larger than 15 MB. Choose a smaller one.",
                       "照片超过 15 MB，请选择较小的照片。")  # fmt: skip
    try:
        image = _opened(upload.content)
        media_type = MEDIA_TYPES[image.format or ""]
        return Photo(plain(upload.name)[-200:], media_type, _redrawn(image, media_type))
    except Exception as error:
        # Whatever a decoder trips over in a stranger's bytes: it is no photo.
        raise _refused(
            "This file is not a photo that can be read. Use a JPEG, PNG or WebP file.",
            "无法识别该文件为照片，请使用 JPEG、PNG 或 WebP 格式。",
        ) from error


def _opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP"))
    if image.width * image.height > MOST_PIXELS:
        raise ValueError(f"{image.width} x {image.height} pixels are too many")
    return image


def _redrawn(image: Image.Image, media_type: str) -> bytes:
    """Drawn anew from its pixels, so that no metadata and no hidden payload survives."""
    upright = ImageOps.exif_transpose(image)
    upright.thumbnail((LONGEST_EDGE, LONGEST_EDGE))
    plate = upright.convert("RGB" if media_type == "image/jpeg" else "RGBA")
    # Pillow writes comments and profiles that it finds here.
    plate.info.clear()
    out = io.BytesIO()
    if media_type == "image/png":
        plate.save(out, "PNG", optimize=True)
    else:
        plate.save(out, media_type.removeprefix("image/"), quality=85)
    return out.getvalue()


def path_of(sha256: str) -> Path:
    """Where a stored photo lies."""
    return Path(settings.MEDIA_ROOT) / sha256[:2] / sha256


def attach(loop: Loop, photo: Photo, kind: AttachmentKind) -> None:
    """Store the photo and note it in the case and its journal."""
    _store(photo)
    Attachment.objects.create(
        case=loop.case,
        kind=kind,
        name=photo.name,
        media_type=photo.media_type,
        sha256=photo.sha256,
        size=len(photo.content),
        added_at=loop.now,
    )
    loop.append(
        events.ATTACHMENT_ADDED,
        kind=kind,
        media_type=photo.media_type,
        sha256=photo.sha256,
        size=len(photo.content),
    )


def _store(photo: Photo) -> None:
    # Written before the transaction commits: a file without a row does no harm, a row without
    # its file would. Named by its digest, so writing it twice is the same as once.
    path = path_of(photo.sha256)
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}.new")
    temporary.touch(mode=0o600)
    with temporary.open("wb") as out:
        out.write(photo.content)
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(path)


def _refused(en: str, zh: str) -> CaseError:
    return CaseError(Words(en=en, zh=zh), field_name="photo")
