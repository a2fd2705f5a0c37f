package dev.durable.fault;

import dev.durable.crash.Story;

/** One story, hit at one place in one way. Its text names the case, so that it can run alone. */
record Fault(Story story, Place place, Injection injection) {

  static Fault none(Story story) {
    return new Fault(story, Place.NOWHERE, Injection.of(Injection.Harm.INTERRUPT, false, false));
  }

  static Fault of(String text) {
    String[] parts = text.split(":", 3);
    return new Fault(Stories.of(parts[0]), Place.of(parts[1]), Injection.of(parts[2]));
  }

  @Override
  public String toString() {
    return story.name() + ":" + place + ":" + injection;
  }
}
