"""Rows to nouns and back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.domain.jobs import Failure, Job, JobState, Moved, Offer, Operation, Reference
from bot.domain.order import Lane
from bot.domain.refs import Blob, MessageRef, Person, Place, Tenant
from bot.domain.releases import Release, Remixers, Stand
from bot.domain.styles import Style
from bot.domain.videos import Fit, Size, Video, VideoSpec

Columns = dict[str, Any]
Row = Any
"""A row of SQLAlchemy, whose columns are attributes."""
_BLOB = ("sha256", "suffix", "size")


def dumped(value: Mapping[str, Any] | None) -> str | None:
    """JSON text, in plain ASCII so that every database can keep it."""
    return None if value is None else json.dumps(value, separators=(",", ":"))


def loaded(text: str | None) -> dict[str, Any] | None:
    """What was dumped."""
    return None if text is None else json.loads(text)


def remote_id(reference: Reference | None) -> str | None:
    """The backend's id within a reference, where it has one."""
    found = None if reference is None else reference.get("id")
    return None if found is None else str(found)


def workspace_columns(tenant: Tenant) -> Columns:
    """A workspace."""
    return {"platform": tenant.platform, "tenant": tenant.id}


# --- places and messages ------------------------------------------------------------------


def place_columns(place: Place) -> Columns:
    """A place within its tenant."""
    return {"channel": place.channel, "thread": place.thread, "private": place.private}


def place_of(row: Row) -> Place:
    """A place from a row with its tenant."""
    return Place(Tenant(row.platform, row.tenant), row.channel, row.thread, row.private)


def ref_text(ref: MessageRef) -> str:
    """A posted message; its place may differ from where it was meant to go."""
    place = ref.place
    return json.dumps(
        [
            place.tenant.platform,
            place.tenant.id,
            place.channel,
            place.thread,
            place.private,
            ref.id,
        ]
    )


def ref_of(text: str | None) -> MessageRef | None:
    """What `ref_text` wrote."""
    if text is None:
        return None
    platform, tenant, channel, thread, private, message_id = json.loads(text)
    return MessageRef(Place(Tenant(platform, tenant), channel, thread, private), message_id)


# --- files --------------------------------------------------------------------------------


def blob_columns(prefix: str, blob: Blob | None) -> Columns:
    """A file in the blob store, or none."""
    return {
        f"{prefix}_sha256": blob.sha256 if blob else None,
        f"{prefix}_suffix": blob.suffix if blob else None,
        f"{prefix}_size": blob.size if blob else None,
    }


def _blob_of(row: Row, prefix: str) -> Blob | None:
    """What `blob_columns` wrote."""
    sha256, suffix, size = (getattr(row, f"{prefix}_{part}") for part in _BLOB)
    return None if sha256 is None else Blob(sha256, suffix, size)


def _blobs_text(blobs: Sequence[Blob]) -> str | None:
    """Files as one text, which few rows have."""
    return json.dumps([[one.sha256, one.suffix, one.size] for one in blobs]) if blobs else None


def video_columns(video: Video) -> Columns:
    """A video."""
    return {
        "job_id": video.job_id,
        **blob_columns("blob", video.blob),
        **blob_columns("poster", video.poster),
        "width": video.width,
        "height": video.height,
        "duration_ms": video.duration_ms,
        "frames": video.frames,
        "made_at": video.made_at,
        "simulated": video.simulated,
    }


def video_of(row: Row) -> Video:
    """A video from its row."""
    return Video(
        row.job_id,
        Blob(row.blob_sha256, row.blob_suffix, row.blob_size),
        _blob_of(row, "poster"),
        row.width,
        row.height,
        row.duration_ms,
        row.frames,
        row.made_at,
        row.simulated,
    )


# --- jobs ---------------------------------------------------------------------------------


def lasting_columns(job: Job) -> Columns:
    """What a job is from its first moment to its last."""
    person, spec = job.person, job.spec
    return {
        "id": job.id,
        **workspace_columns(person.tenant),
        "person": person.id,
        # Rights are asked of the chat each time, so none are kept here.
        "person_name": person.name,
        **place_columns(job.place),
        "interaction": job.interaction,
        "part": job.part,
        "prompt": spec.prompt,
        "model": spec.model,
        "width": spec.size.width,
        "height": spec.size.height,
        "seconds": spec.seconds,
        "fit": spec.fit.value,
        "sound": spec.sound,
        **_style_columns(spec.style),
        **offer_columns(job),
        "accepted_at": job.accepted_at,
        "retry_of": job.retry_of,
        "remix_of": job.remix_of,
        "root": job.root,
        "operation": job.operation.value,
        "payer": job.payer,
        "lane": job.lane.value,
        "not_before": job.not_before,
        "off_peak_at": job.off_peak_at,
    }


def _style_columns(style: Style | None) -> Columns:
    return {
        "style": style.name if style else None,
        "style_text": style.text if style else None,
        "style_asked": bool(style and style.asked),
    }


def offer_columns(job: Job) -> Columns:
    """Where a job is made, on which terms, and how it came there."""
    offer, moved = job.offer, job.moved
    return {
        "provider": offer.provider,
        "account": offer.account,
        "base_url": offer.base_url,
        "upstream_model": offer.upstream_model,
        "price": offer.price,
        "cost": offer.cost,
        "moves": moved.times if moved else 0,
        "moved_from": moved.source if moved else None,
        "moved_price": moved.price if moved else None,
    }


def moving_columns(job: Job) -> Columns:
    """What a move may change."""
    return {
        "state": job.state.value,
        "version": job.version,
        "updated_at": job.updated_at,
        "due_at": job.due_at,
        "tries": job.tries,
        "attempt": job.attempt,
        "reference": dumped(job.reference),
        "remote_id": remote_id(job.reference),
        "intent_at": job.intent_at,
        "submitted_at": job.submitted_at,
        "finished_at": job.finished_at,
        "progress": job.progress,
        "failure": job.failure.value if job.failure else None,
        "reason": job.reason,
        "cancel_asked": job.cancel_asked,
        "sent_prompt": job.sent_prompt,
        "cost_reported": job.cost_reported,
        **blob_columns("image", job.spec.image),
        **blob_columns("last", job.spec.last),
        "reference_pictures": _blobs_text(job.spec.references),
    }


def job_of(row: Row) -> Job:
    """A job from its row."""
    place = place_of(row)
    return Job(
        id=row.id,
        person=Person(place.tenant, row.person, row.person_name),
        place=place,
        interaction=row.interaction,
        part=row.part,
        spec=_spec_of(row),
        offer=_offer_of(row),
        state=JobState(row.state),
        version=row.version,
        accepted_at=row.accepted_at,
        updated_at=row.updated_at,
        due_at=row.due_at,
        tries=row.tries,
        attempt=row.attempt,
        reference=loaded(row.reference),
        intent_at=row.intent_at,
        submitted_at=row.submitted_at,
        finished_at=row.finished_at,
        progress=row.progress,
        failure=Failure(row.failure) if row.failure else None,
        reason=row.reason,
        retry_of=row.retry_of,
        remix_of=row.remix_of,
        root=row.root,
        operation=Operation(row.operation),
        sent_prompt=row.sent_prompt,
        cancel_asked=row.cancel_asked,
        payer=row.payer,
        cost_reported=row.cost_reported,
        lane=Lane(row.lane),
        not_before=row.not_before,
        off_peak_at=row.off_peak_at,
        moved=Moved(row.moves, row.moved_from, row.moved_price) if row.moves else None,
    )


def _offer_of(row: Row) -> Offer:
    return Offer(row.provider, row.account, row.base_url, row.upstream_model, row.price, row.cost)


def _spec_of(row: Row) -> VideoSpec:
    return VideoSpec(
        row.prompt,
        row.model,
        Size(row.width, row.height),
        row.seconds,
        _blob_of(row, "image"),
        Fit(row.fit),
        Style(row.style, row.style_text, row.style_asked) if row.style else None,
        _blob_of(row, "last"),
        tuple(Blob(*one) for one in json.loads(row.reference_pictures or "[]")),
        row.sound,
    )


# --- how videos stand ---------------------------------------------------------------------


def release_of(row: Row) -> Release:
    """How a video stands, from its row."""
    tenant = Tenant(row.platform, row.tenant)
    reviewed = row.reviewer is not None
    return Release(
        job_id=row.job_id,
        author=Person(tenant, row.author, row.author_name),
        channel=row.channel,
        model=row.model,
        stand=Stand(row.stand),
        made_at=row.made_at,
        key=row.shown_as,
        version=row.version,
        title=row.title,
        description=row.description,
        tags=tuple(json.loads(row.tags)),
        remixers=Remixers(row.remixers) if row.remixers else None,
        published_at=row.published_at,
        deleted_at=row.deleted_at,
        reviewer=Person(tenant, row.reviewer, row.reviewer_name) if reviewed else None,
        reason=row.reason,
        moderated=row.moderated,
        rounds=row.rounds,
    )
