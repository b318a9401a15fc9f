"""From a ledger to numbers, tables and pages. Needs neither Docker nor a network nor a model."""
