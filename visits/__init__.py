"""First floor: agencies, dispatch, the doorstep and its evidence."""
