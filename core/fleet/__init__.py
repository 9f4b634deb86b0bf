"""All hosts together: the live view, change notification, the filter language."""
