"""One module a page: reads the request, asks a service, hands its answer to a template."""
