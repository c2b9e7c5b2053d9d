"""What a run says while it goes on: lines for people, or events for machines."""

import json
import sys
import time
from collections import Counter
from typing import Any

from tqdm import tqdm


class Progress:
    """Tells events on standard error: as a bar and lines, or one JSON object a line.

    At the end it says how many reports are ``ok``, ``skipped`` (up to date) and ``failed``, and
    which failed where.
    """

    def __init__(self, total: int, *, as_json: bool = False) -> None:
        self.as_json, self.total = as_json, total
        # The last of each report, which may be made again for the links of its page.
        self.told: dict[tuple[str, str], dict[str, Any]] = {}
        self.since = time.monotonic()
        hidden = as_json or not sys.stderr.isatty()
        self.bar = tqdm(total=total, disable=hidden, file=sys.stderr, unit="report")

    @property
    def entries(self) -> list[dict[str, Any]]:
        """The entry of each report that is finished."""
        return [*self.told.values()]

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *error: object) -> None:
        self.bar.close()
        if not self.entries and not isinstance(error[1], KeyboardInterrupt):
            return
        left = self.total - len(self.entries)
        count = Counter(entry["status"] for entry in self.entries)
        seconds = round(time.monotonic() - self.since, 1)
        if self.as_json:
            told = {"event": "summary", "seconds": seconds, "left": left}
            self._say(json.dumps(told | count))
            return
        parts = [f"{count[status]} {status}" for status in ("ok", "skipped", "failed")]
        parts += [f"{left} left"] * bool(left)
        self._say(f"{', '.join(parts)} in {seconds} s")
        ran = (entry for entry in self.entries if entry["status"] != "skipped")
        for reason in dict.fromkeys(entry.get("ordinary") for entry in ran):
            if reason:
                self._say(f"kernels began one by one, which takes longer: {reason}")
        if failed := sorted(_name(entry) for entry in self.entries if entry["error"]):
            self._say(f"failed ({len(failed)} of {len(self.entries)}): {', '.join(failed)}")

    def tell(self, event: dict[str, Any]) -> None:
        """Tell one event of `analysis.reporting.run.run_reports`."""
        entry = event.get("entry")
        if entry:
            self.bar.update((entry["slug"], entry["lang"]) not in self.told)
            self.told[entry["slug"], entry["lang"]] = entry
        if self.as_json:
            # What the entry says at length stands in the document at the end.
            short = {key: entry[key] for key in ("status", "seconds", "error")} if entry else {}
            self._say(json.dumps({k: v for k, v in event.items() if k != "entry"} | short))
        elif entry and entry["status"] != "skipped":
            text = f"{entry['status']:<7}{_name(entry)} {entry['seconds']} s"
            self._say(text + (f"  {entry['error']}" if entry["error"] else ""))
        elif event["event"] == "refused":
            self._say(f"refused {event['worker']}  {event['error']}")
        elif event["event"] == "waiting":
            self._say(f"waiting  {event['error']}")
        elif event["event"] == "retry":
            self._say(f"again  {_name(event)}  {event['error']}")
        elif event["event"] == "cell":
            self.bar.set_postfix_str(f"{_name(event)} cell {event['cell']}/{event['cells']}")

    def _say(self, text: str) -> None:
        self.bar.write(text, file=sys.stderr)


def _name(told: dict[str, Any]) -> str:
    return f"{told['lang']}/{told['slug']}"
