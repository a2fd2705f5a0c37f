package dev.durable.cli;

import java.util.Objects;
import picocli.CommandLine.IVersionProvider;

/** The output of {@code durable --version}. */
final class ProductVersion implements IVersionProvider {

  @Override
  public String[] getVersion() {
    String version = ProductVersion.class.getPackage().getImplementationVersion();
    return new String[] {
      "Durable "
          + Objects.requireNonNullElse(version, "(not packaged)")
          + ", Java "
          + Runtime.version().feature()
    };
  }
}
