package dev.durable.maven;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.maven.shared.invoker.DefaultInvocationRequest;
import org.apache.maven.shared.invoker.DefaultInvoker;
import org.apache.maven.shared.invoker.InvocationRequest;
import org.apache.maven.shared.invoker.MavenInvocationException;

/** A project of somebody who uses the plugin, built by a Maven with a repository of its own. */
record ScratchProject(Path folder) {

  /** How a build ended, and all that it printed. */
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

  Build run(String... arguments) throws MavenInvocationException {
    List<String> all = new ArrayList<>(List.of("-Dstyle.color=never"));
    all.addAll(List.of(arguments));
    StringBuffer output = new StringBuffer();
    InvocationRequest request = new DefaultInvocationRequest();
    request.setBatchMode(true);
    request.setBaseDirectory(folder.toFile());
    request.setUserSettingsFile(folder.resolve("settings.xml").toFile());
    request.setLocalRepositoryDirectory(new File(System.getProperty("durable.it.repository")));
    request.setJavaHome(new File(System.getProperty("java.home")));
    request.addArgs(all);
    request.setOutputHandler(line -> output.append(line).append('\n'));
    request.setErrorHandler(line -> output.append(line).append('\n'));
    DefaultInvoker maven = new DefaultInvoker();
    maven.setMavenHome(new File(System.getProperty("maven.home")));
    int exitCode = maven.execute(request).getExitCode();
    return new Build(exitCode, output.toString());
  }

  /** What this build has downloaded is where the scratch project downloads from. */
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
