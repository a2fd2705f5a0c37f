package dev.durable.random;

/** What an event brings. */
record Note(String noteText) {}
