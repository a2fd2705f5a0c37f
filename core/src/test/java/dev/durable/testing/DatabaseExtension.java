package dev.durable.testing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests a {@link TestDatabase} of their class, and checks the invariants after every test. A
 * test that leaves broken rows behind fails, whatever it asserted.
 */
public final class DatabaseExtension implements ParameterResolver, AfterEachCallback {

  private static final Namespace NAMESPACE = Namespace.create(DatabaseExtension.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == TestDatabase.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return database(context);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    TestDatabase database = database(context);
    database.afterTest();
    assertThat(database.violations()).as("violated invariants").isEmpty();
  }

  private static TestDatabase database(ExtensionContext context) {
    ExtensionContext ofClass = context;
    while (ofClass.getParent().isPresent()
        && ofClass.getParent().get().getTestClass().isPresent()) {
      ofClass = ofClass.getParent().get();
    }
    return ofClass
        .getStore(NAMESPACE)
        .computeIfAbsent(TestDatabase.class, type -> TestDatabase.migrated(), TestDatabase.class);
  }
}
