package dev.durable.session;

/** A setting of a session. */
record Setting(String name, String value) {

  /** How it becomes a session's. */
  enum Way {
    /** In the URL: a default of the session, which RESET restores. */
    OPTIONS,
    /** By ALTER ROLE: a default as well. */
    ROLE,
    /** By SET after connecting: RESET would lose it. */
    SET
  }

  /** Reads {@code name=value}. */
  static Setting of(String text) {
    int equals = text.indexOf('=');
    return new Setting(text.substring(0, equals), text.substring(equals + 1));
  }

  /** For SET and ALTER ROLE. A list stays a list. */
  String assignment() {
    boolean list = name.equals("search_path") && !value.isEmpty();
    return name + " = " + (list ? value : "'" + value.replace("'", "''") + "'");
  }

  @Override
  public String toString() {
    return name + "=" + value;
  }
}
