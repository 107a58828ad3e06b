"""What happens when. Importing any of it in the process of a flow run ties that process to the service it runs for."""

from flows.serving.lifeline import hold

hold()
