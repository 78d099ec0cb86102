"""What happens: the calendar, the queues and the agents, told in plain SimPy (reference) to be believed."""
