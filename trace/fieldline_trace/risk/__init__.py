"""Risk: what stands about a subject, judged by rules that are pure functions, and the alerts that follow.

``rules`` has one module a rule; ``alerts`` holds what stands and what changed; ``render`` says it in English or
Chinese.
"""

from fieldline_trace.risk.alerts import Alert, AlertBoard, AlertChange, Cause, Finding
from fieldline_trace.risk.registry import RULES, Rule

__all__ = ["RULES", "Alert", "AlertBoard", "AlertChange", "Cause", "Finding", "Rule"]
