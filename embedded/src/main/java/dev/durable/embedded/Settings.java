package dev.durable.embedded;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** The server settings, as PostgreSQL's configuration file has them. */
record Settings(boolean durable, Map<String, String> custom) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_.]*");
  private static final Set<String> OURS =
      Set.of("port", "listen_addresses", "unix_socket_directories", "data_directory", "hba_file");

  Settings {
    custom = Map.copyOf(custom);
  }

  static void check(String name, String value) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("Not the name of a PostgreSQL setting: '" + name + "'");
    }
    if (OURS.contains(name)) {
      throw new IllegalArgumentException(
          "The setting '" + name + "' is not free to choose in an embedded PostgreSQL");
    }
    if (value.indexOf('\n') >= 0 || value.indexOf('\r') >= 0) {
      throw new IllegalArgumentException("The value of '" + name + "' has a line break");
    }
  }

  /** Everything but the port. */
  String text() {
    Map<String, String> all = new LinkedHashMap<>();
    String safe = durable ? "on" : "off";
    all.put("listen_addresses", "127.0.0.1");
    all.put("unix_socket_directories", "");
    all.put("max_connections", "200");
    all.put("fsync", safe);
    all.put("synchronous_commit", safe);
    all.put("full_page_writes", safe);
    custom.keySet().stream().sorted().forEach(name -> all.put(name, custom.getOrDefault(name, "")));
    StringBuilder text = new StringBuilder("# Written anew at every start.\n");
    all.forEach(
        (name, value) -> text.append(name).append(" = ").append(quoted(value)).append('\n'));
    return text.toString();
  }

  private static String quoted(String value) {
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'";
  }
}
