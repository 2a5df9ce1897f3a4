"""views.*: dialogs and home tabs."""

from tests.fakes.slack_server.asked import Asked
from tests.fakes.slack_server.calls import Call
from tests.fakes.slack_server.dialogs import Dialogs
from tests.fakes.slack_server.door import Handler
from tests.fakes.slack_server.interactions import Interactions
from tests.fakes.slack_server.payloads import Object
from tests.fakes.slack_server.problem import Problem
from tests.fakes.slack_server.view_rules import check_view
from tests.fakes.slack_server.views import View
from tests.fakes.slack_server.world import World


class ViewMethods:
    def __init__(self, world: World, dialogs: Dialogs, interactions: Interactions) -> None:
        self.world = world
        self.dialogs = dialogs
        self.interactions = interactions

    def table(self) -> dict[str, Handler]:
        return {
            "views.open": self.open,
            "views.push": self.push,
            "views.update": self.update,
            "views.publish": self.publish,
        }

    def open(self, call: Call) -> Object:
        data = check_view(call.args["view"], "modal")
        return self._shown(self.dialogs.open(self._spend(call), data))

    def push(self, call: Call) -> Object:
        data = check_view(call.args["view"], "modal")
        return self._shown(self.dialogs.push(self._spend(call), data))

    def update(self, call: Call) -> Object:
        names = (call.text(name) for name in ("view_id", "external_id", "hash"))
        view = self.dialogs.find(*names)
        data = check_view(call.args["view"], view.data["type"])
        return self._shown(self.dialogs.update(view, data))

    def publish(self, call: Call) -> Object:
        data = check_view(call.args["view"], "home")
        person = self.world.person(call.text("user_id"))
        return self._shown(self.dialogs.publish(person, data, call.text("hash")))

    def _spend(self, call: Call) -> Asked:
        trigger = call.text("trigger_id") or call.text("interactivity_pointer")
        if not trigger:
            raise Problem("invalid_arguments", "trigger_id is missing")
        return self.interactions.spend(trigger)

    def _shown(self, view: View) -> Object:
        return {"view": view.to_json(self.world.team_id, self.world.app_id, self.world.bot)}
