"""Photos: judged by their bytes, cleaned of metadata, stored under their own digest."""

import hashlib
import io
import os
import warnings
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from PIL import Image, ImageOps, UnidentifiedImageError

from citysteward.kernel.cases import events
from citysteward.kernel.cases.actions.loop import Loop
from citysteward.kernel.cases.models import Attachment
from citysteward.kernel.cases.types import AttachmentKind, CaseError, Upload
from citysteward.lib.words import Words

LARGEST_BYTES = 15 * 1024 * 1024
LONGEST_EDGE = 2560
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
        with warnings.catch_warnings():
            # A picture that unpacks to an absurd size is refused, not warned about.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(upload.content), formats=("JPEG", "PNG", "WEBP"))
            media_type = MEDIA_TYPES[image.format or ""]
            return Photo(upload.name[-200:], media_type, _redrawn(image, media_type))
    except (
        UnidentifiedImageError, OSError, ValueError, SyntaxError, KeyError,
        Image.DecompressionBombError, Image.DecompressionBombWarning,
    ) as error:  # fmt: skip
        raise _refused(
            "This file is not a photo that can be read. Use a JPEG, PNG or WebP file.",
            "无法识别该文件为照片，请使用 JPEG、PNG 或 WebP 格式。",
        ) from error


def _redrawn(image: Image.Image, media_type: str) -> bytes:
    """Drawn anew from its pixels, so that no metadata and no hidden payload survives."""
    upright = ImageOps.exif_transpose(image)
    upright.thumbnail((LONGEST_EDGE, LONGEST_EDGE))
    out = io.BytesIO()
    if media_type == "image/png":
        upright.convert("RGBA").save(out, "PNG", optimize=True)
    elif media_type == "image/webp":
        upright.convert("RGBA").save(out, "WEBP", quality=85)
    else:
        upright.convert("RGB").save(out, "JPEG", quality=85)
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
    with temporary.open("wb") as out:
        out.write(photo.content)
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(path)


def _refused(en: str, zh: str) -> CaseError:
    return CaseError(Words(en=en, zh=zh), field_name="photo")
