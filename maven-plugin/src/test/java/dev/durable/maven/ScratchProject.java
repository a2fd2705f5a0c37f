package dev.durable.maven;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The project of a user of the plugin, built by a Maven with a repository of its own. */
record ScratchProject(Path folder) {

  /** The exit code and the output of a build. */
  record Build(int exitCode, String output) {}

  static ScratchProject in(Path folder, String configuration, String settingsServers)
      throws IOException {
    Files.writeString(
        folder.resolve("pom.xml"),
        """
        <project>
          <modelVersion>4.0.0</modelVersion>
          <groupId>it</groupId>
          <artifactId>scratch</artifactId>
          <version>1</version>
          <packaging>pom</packaging>
          <build>
            <plugins>
              <plugin>
                <groupId>dev.durable</groupId>
                <artifactId>durable-maven-plugin</artifactId>
                <version>%s</version>
                <configuration>%s</configuration>
              </plugin>
            </plugins>
          </build>
        </project>
        """
            .formatted(System.getProperty("durable.it.version"), configuration));
    Files.writeString(folder.resolve("settings.xml"), settings(settingsServers));
    return new ScratchProject(folder);
  }

  Build run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("maven.home"), "bin", "mvn").toString());
    command.addAll(List.of("-B", "-Dstyle.color=never", "-s", "settings.xml"));
    command.add("-Dmaven.repo.local=" + System.getProperty("durable.it.repository"));
    command.addAll(List.of(arguments));
    ProcessBuilder maven = new ProcessBuilder(command).directory(folder.toFile());
    maven.redirectErrorStream(true);
    maven.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process = maven.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Build(process.waitFor(), output);
  }

  /** Lets the scratch project download from the local repository of this build. */
  private static String settings(String servers) {
    String upstream = Path.of(System.getProperty("durable.it.upstream")).toUri().toString();
    return """
        <settings>
          <servers>%s</servers>
          <mirrors>
            <mirror>
              <id>upstream</id>
              <mirrorOf>*</mirrorOf>
              <url>%s</url>
            </mirror>
          </mirrors>
        </settings>
        """
        .formatted(servers, upstream);
  }
}
