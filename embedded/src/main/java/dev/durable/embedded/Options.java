package dev.durable.embedded;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What the builder was told. */
record Options(
    Path folder,
    boolean temporary,
    int port,
    Settings settings,
    @Nullable Path binaries,
    @Nullable Boolean stopOnClose) {}
