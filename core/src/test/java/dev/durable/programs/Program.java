package dev.durable.programs;

/**
 * A program against the API.
 *
 * @param title what it does, or does wrong
 * @param cause what the compiler must say of a wrong one
 * @param text its source
 */
record Program(String title, String cause, String text) {}
