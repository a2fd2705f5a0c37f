package dev.durable.acceptance;

import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The parts of a workflow that have run, in their order. */
final class Notes implements Iterable<String> {

  private final List<String> notes = new CopyOnWriteArrayList<>();

  /** Notes that a part has run, and returns its value. */
  <T> T note(String what, T value) {
    notes.add(what);
    return value;
  }

  void add(String what) {
    notes.add(what);
  }

  /** All notes so far. */
  List<String> all() {
    return List.copyOf(notes);
  }

  void clear() {
    notes.clear();
  }

  @Override
  public Iterator<String> iterator() {
    return notes.iterator();
  }
}
