"""Opens, stacks and closes views."""

import copy

from tests.fakes.slack_server.asked import Asked
from tests.fakes.slack_server.blocks import walk, with_ids
from tests.fakes.slack_server.payloads import Json, Object, is_object, parts
from tests.fakes.slack_server.problem import Problem, invalid
from tests.fakes.slack_server.records import FORM_ACK, keep
from tests.fakes.slack_server.users import User
from tests.fakes.slack_server.view_rules import check_view
from tests.fakes.slack_server.views import View
from tests.fakes.slack_server.world import World

DEEPEST = 3


class Dialogs:
    """What people have open: one stack of views each, and a home tab."""

    def __init__(self, world: World) -> None:
        self.world = world

    def open(self, asked: Asked, data: Object) -> View:
        """A first view; what was open goes away."""
        for view in self.world.stacks.pop(asked.person.id, []):
            view.closed = True
        asked.view = self._add(asked.person, data)
        return asked.view

    def push(self, asked: Asked, data: Object) -> View:
        """A view on top."""
        asked.view = self._add(asked.person, data)
        return asked.view

    def update(self, view: View, data: Object) -> View:
        """Change an open view. What was typed stays where block and action ids stay."""
        view.data = self._prepared(data)
        view.hash = self.world.ids.new("h")
        view.updates += 1
        view.errors = {}
        view.state = _merged(view, initial_state(view.blocks))
        self.world.news.wake()
        return view

    def publish(self, person: User, data: Object, wanted_hash: str) -> View:
        """The home tab of somebody."""
        before = self.world.homes.get(person.id)
        if before is not None and wanted_hash and wanted_hash != before.hash:
            raise Problem("hash_conflict")
        if before is not None:
            return self.update(before, data)
        made = self._new(person, data)
        self.world.homes[person.id] = made
        self.world.news.wake()
        return made

    def find(self, view_id: str, external_id: str, wanted_hash: str) -> View:
        """An open view; the hash, when given, must be that of its last state."""
        for view in self.world.views.values():
            if view_id == view.id or (external_id and view.data.get("external_id") == external_id):
                if view.closed:
                    raise Problem("not_found")
                if wanted_hash and wanted_hash != view.hash:
                    raise Problem("hash_conflict")
                return view
        raise Problem("not_found")

    def close(self, view: View) -> None:
        """Take one view off its stack."""
        view.closed = True
        stack = self.world.stacks.get(view.person.id, [])
        if view in stack:
            stack.remove(view)
        self.world.news.wake()

    def after_submit(self, view: View, asked: Asked, answer: Json) -> None:
        """What the ack of a submission does: close, show errors, change, push, clear."""
        action = answer.get("response_action") if is_object(answer) else None
        if action == "errors":
            view.errors = _checked_errors(view, answer["errors"])
        elif action == "update":
            self.update(view, check_view(answer["view"], "modal"))
        elif action == "push":
            asked.view = self._add(view.person, check_view(answer["view"], "modal"))
        elif action == "clear":
            for one in [*self.world.stacks.get(view.person.id, [])]:
                self.close(one)
        elif answer:
            raise invalid("invalid_payload", f"answer to a submission: {answer}"[:300])
        else:
            self.close(view)
        if action:
            keep(FORM_ACK, answer)
        self.world.news.wake()

    def _add(self, person: User, data: Object) -> View:
        stack = self.world.stacks.setdefault(person.id, [])
        if len(stack) >= DEEPEST:
            raise Problem("push_limit_reached")
        made = self._new(person, data)
        if stack:
            made.root_id, made.previous_id = stack[0].id, stack[-1].id
        stack.append(made)
        self.world.news.wake()
        return made

    def _new(self, person: User, data: Object) -> View:
        view_id = self.world.ids.new("V")
        prepared = self._prepared(data)
        made = View(view_id, self.world.ids.new("h"), person, prepared, view_id)
        made.state = initial_state(made.blocks)
        self.world.views[view_id] = made
        return made

    def _prepared(self, data: Object) -> Object:
        return copy.deepcopy(data) | {"blocks": with_ids(parts(data, "blocks"), self.world.ids)}


# Where each kind of element keeps what it begins with, and what its state calls it.
INITIAL = {
    "plain_text_input": ("initial_value", "value"),
    "number_input": ("initial_value", "value"),
    "static_select": ("initial_option", "selected_option"),
    "radio_buttons": ("initial_option", "selected_option"),
    "checkboxes": ("initial_options", "selected_options"),
    "multi_static_select": ("initial_options", "selected_options"),
    "users_select": ("initial_user", "selected_user"),
    "conversations_select": ("initial_conversation", "selected_conversation"),
    "channels_select": ("initial_channel", "selected_channel"),
    "datepicker": ("initial_date", "selected_date"),
    "file_input": ("", "files"),
}


def initial_state(blocks: list[Object]) -> dict[str, Object]:
    """What a form has before anybody touched it."""
    state: dict[str, Object] = {}
    for part in walk(blocks):
        kind = part.element["type"]
        if kind in INITIAL:
            source, name = INITIAL[kind]
            many = name in {"selected_options", "files"}
            begins = part.element.get(source, [] if many else None)
            values = state.setdefault(part.block["block_id"], {})
            values[part.element["action_id"]] = {"type": kind, name: begins}
    return state


def _merged(view: View, fresh: dict[str, Object]) -> dict[str, Object]:
    for block_id, actions in fresh.items():
        for action_id in actions:
            typed = view.state.get(block_id, {}).get(action_id)
            if typed is not None and typed["type"] == actions[action_id]["type"]:
                actions[action_id] = typed
    return fresh


def _checked_errors(view: View, errors: dict[str, str]) -> dict[str, str]:
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not errors or not errors.keys() <= inputs:
        raise invalid("invalid_errors", f"{sorted(errors)} are no inputs among {sorted(inputs)}")
    return errors
