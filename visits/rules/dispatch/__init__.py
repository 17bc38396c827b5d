"""Pure decisions of dispatch: hours of a crew, the cost of a route, what refusals mean."""
