package dev.durable.embedded;

import java.util.Locale;

/** The operating system and processor, in the words of the archives of PostgreSQL programs. */
record Platform(String system, String machine) {

  static Platform current() {
    return of(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
  }

  static Platform of(String osName, String osArch) {
    String os = osName.toLowerCase(Locale.ROOT);
    String system = os.startsWith("mac") ? "darwin" : os.startsWith("windows") ? "windows" : os;
    String machine =
        switch (osArch.toLowerCase(Locale.ROOT)) {
          case "amd64", "x86_64", "x64" -> "x86_64";
          case "aarch64", "arm64" -> "arm_64";
          default -> osArch;
        };
    return new Platform(system, machine);
  }

  String archiveName() {
    return "postgres-" + system + "-" + machine + ".txz";
  }

  @Override
  public String toString() {
    return system + " on " + machine;
  }
}
