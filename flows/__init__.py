"""What happens when. Importing any of it in a process that a service started ties that process to the service."""

from flows.serving.lifeline import tie_to_service

tie_to_service()
