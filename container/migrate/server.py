"""A server container's export becomes a workspace."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from container.migrate.clients import Clients
from container.migrate.conditions import Conditions
from container.migrate.conversions import Conversions
from container.migrate.export import Export
from container.migrate.gallery import Gallery, Template
from container.migrate.job import Job
from container.migrate.names import slug
from container.migrate.references import References
from container.migrate.result import CONVERTED, NOTE, UNSUPPORTED, Document, Entry, Result
from container.migrate.tags import google
from container.migrate.tags.convert import Known, Tags
from container.migrate.tags.made import Made, Tools
from container.migrate.transformations import Transformations
from container.migrate.triggers import Triggers
from container.migrate.variables import Variables
from container.migrate.web import tags as web
from container.migrate.web.snippets import PATH, sent_as, snippets
from container.migrate.web.triggers import WebTriggers
from container.triggers import ALL_EVENTS
from container.workspace.writer import Commented

COMMENT = """Migrated from {name} by `tagport migrate`. What became of each tag, trigger and variable: report.md.
After every change: `tagport check`."""
CONSENT = "What counts where nothing was said. Tags that need no consent in GTM say so themselves (`consent: []`)."
COOKIES = "Cookies that GTM's templates set from the server."
STORE = "Relative to this folder; the key that protects stored personal data lies beside it."
ORDER = "The order's number, where this container's tags look for it."


def convert(export: Export) -> Result:
    """The whole container."""
    job = Job(export)
    references = References(job)
    conditions = Conditions(job, references)
    templates = Gallery(export)
    clients = Clients(job, references, templates)
    clients.convert()
    triggers = Triggers(job, references, conditions)
    triggers.convert()
    Variables(job, references, conditions, templates).convert()
    tools = Tools(job, references, templates)
    tags = Tags(tools, triggers)
    tags.convert()
    Transformations(job, references, conditions, tags).convert()
    conversions = Conversions(tools, tags, triggers)
    container(job, clients.section, conversions.section(), conversions.order_id(), tools.cookies)
    keep_templates(job, templates)
    finish(job)
    return job.result


def convert_web(export: Export) -> Result:
    """A web container: the server's part of it, and what stays in the page."""
    job = Job(export)
    job.sent_as = sent_as(job)
    references = References(job)
    conditions = Conditions(job, references)
    templates = Gallery(export)
    clients = Clients(job, references, templates)
    clients.convert()
    variables = Variables(job, references, conditions, templates)
    job.page_only = variables.page_only()
    triggers = WebTriggers(job, conditions)
    triggers.convert()
    variables.convert()
    tools = Tools(job, references, templates)
    tags = Tags(tools, triggers, Known(web.BY_TYPE, web.BY_TEMPLATE, web.OTHERWISE))
    tags.convert()
    if f"tags/{web.GA4}.yaml" in job.result.files:
        tags.made[web.GA4] = (Made(google.HITS), [ALL_EVENTS])
    conversions = Conversions(tools, tags, triggers)
    container(job, clients.section, conversions.section(), conversions.order_id(), tools.cookies)
    keep_templates(job, templates)
    finish(job)
    job.result.files[PATH] = snippets(job, triggers.wanted)
    return job.result


def container(
    job: Job, clients: Mapping[str, Any], conversions: Mapping[str, Any], order_id: str, cookies: Collection[str]
) -> None:
    """container.yaml."""
    said: dict[str, Any] = {"container": slug(job.export.name).replace("_", "-") or "gtm", "clients": clients}
    if order_id:
        said["variables"] = Commented({"transaction_id": order_id}, ORDER)
    said["consent"] = Commented({"unknown": "denied"}, CONSENT)
    if cookies:
        said["cookies"] = Commented({"set": sorted(cookies)}, COOKIES)
    if conversions:
        said["conversions"] = conversions
    said["store"] = Commented("sqlite:data/tagport.db", STORE)
    job.put("container.yaml", Document(said, COMMENT.format(name=job.export.name)))
    lines = job.result.files["container.yaml"].splitlines()
    for one in job.export.of("client"):
        entry = job.entry(one)
        if entry.file:
            entry.line = _line(lines, f"  {job.id_of(one)}:")
    for entry in job.result.entries:
        if entry.file == "container.yaml" and not entry.line:
            entry.line = _line(lines, "cookies:")


def _line(lines: list[str], start: str) -> int:
    return next((number for number, line in enumerate(lines, 1) if line.startswith(start)), 1)


def keep_templates(job: Job, gallery: Gallery) -> None:
    """The JavaScript of custom templates, beside the workspace: nobody runs it."""
    taken: set[str] = set()
    for template in gallery.templates:
        entry = job.entry(template.object)
        name = slug(template.object.name) or f"template_{template.object.id}"
        name = name if name not in taken else f"{name}_{template.object.id}"
        taken.add(name)
        path = f"templates/gtm/{name}.tpl"
        job.result.files[path] = job.secrets.clean(template.text)
        entry.file, entry.line = path, 1
        used = [one for one in _users(job, gallery, template) if one.grade in (CONVERTED, NOTE)]
        says = (
            "JavaScript, kept and not run; APIs: "
            f"{', '.join(template.apis()) or 'none'}; permissions: {', '.join(template.permissions()) or 'none'}"
        )
        if used:
            entry.note(f"replaced by tagport's own; {says}")
        else:
            entry.left(UNSUPPORTED, says)
        template.object.item.book(
            "what the template's files hold besides its code",
        )


def _users(job: Job, gallery: Gallery, template: Template) -> list[Entry]:
    objects = [one for kind in ("tag", "variable", "client") for one in job.export.of(kind)]
    custom = [one for one in objects if one.type.startswith("cvt_")]
    return [job.entry(one) for one in custom if gallery.of(one.type, job.entry(one)) is template]


def finish(job: Job) -> None:
    """The totals, and what belongs to no object."""
    export, result = job.export, job.result
    for one in export.duplicates:
        job.entry(one).note(f"another {one.kind} of the export has the same name: what refers to it means the first")
    for key in ("zone", "gtagConfig"):
        for item in export.container.get(key).elements():
            job.extra(key, item.text("name") or key).left(UNSUPPORTED, f"`{key}` has no counterpart in tagport")
            item.book("parts of a container that have no counterpart")
    for kind in ("client", "tag", "trigger", "variable", "transformation"):
        for one in export.of(kind):
            one.item.book_all("folders that hold nothing here", "parentFolderId")
            one.item.book_all("notes of objects that are not here", "notes")
            _tell_unread(job, one)
    for one in export.of("folder"):
        one.item.book_all("notes of folders", "notes")
    urls = export.container.get("container").get("taggingServerUrls").value
    for url in urls if isinstance(urls, list) else ():
        if url:
            result.remarks.append(
                f"GTM knew the tagging server as {url}: point that name at tagport when you switch over"
            )
    result.leaves = export.leaves.as_json()
    result.rules = export.leaves.bookkeeping
    result.not_understood = export.leaves.not_understood()
    order = {
        kind: number
        for number, kind in enumerate(("client", "tag", "trigger", "variable", "transformation", "template"))
    }
    result.entries.sort(key=lambda entry: (order.get(entry.kind, 9), entry.name.lower(), entry.id))


def _tell_unread(job: Job, one: Any) -> None:
    entry = job.entry(one)
    unread = one.params.unread()
    if unread and entry.grade in (CONVERTED, NOTE):
        entry.note(f"not taken over: {', '.join(f'`{key}`' for key in unread)}")
