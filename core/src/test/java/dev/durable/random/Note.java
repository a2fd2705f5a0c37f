package dev.durable.random;

/** The payload of an event. */
record Note(String noteText) {}
