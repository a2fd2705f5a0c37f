package dev.durable.maven;

import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.settings.Server;
import org.apache.maven.settings.Settings;
import org.apache.maven.settings.building.SettingsProblem;
import org.apache.maven.settings.crypto.DefaultSettingsDecryptionRequest;
import org.apache.maven.settings.crypto.SettingsDecrypter;
import org.apache.maven.settings.crypto.SettingsDecryptionResult;
import org.jspecify.annotations.Nullable;

/** User and password for a database; null where not configured. */
record Credentials(@Nullable String user, @Nullable String password) {

  static Credentials of(@Nullable String user, @Nullable String password) {
    return new Credentials(user, password);
  }

  /** The credentials of a server in Maven's settings. */
  static Credentials ofServer(String id, Settings settings, SettingsDecrypter decrypter)
      throws MojoFailureException {
    Server server = settings.getServer(id);
    if (server == null) {
      throw new MojoFailureException(
          "There is no <server> with the id \"%s\" in Maven's settings. Add it to ~/.m2/settings.xml, with a user name and a password."
              .formatted(id));
    }
    SettingsDecryptionResult decrypted =
        decrypter.decrypt(new DefaultSettingsDecryptionRequest(server));
    for (SettingsProblem problem : decrypted.getProblems()) {
      throw new MojoFailureException(
          "The password of server \"%s\" in Maven's settings cannot be decrypted: %s"
              .formatted(id, problem.getMessage()));
    }
    return new Credentials(
        decrypted.getServer().getUsername(), decrypted.getServer().getPassword());
  }

  /** Takes the missing parts from others. */
  Credentials orElse(Credentials other) {
    return new Credentials(
        user == null ? other.user : user, password == null ? other.password : password);
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "Credentials of " + user;
  }
}
