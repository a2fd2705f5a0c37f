package dev.durable.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.ProtectionDomain;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * A Java agent whose JVM has a wall clock that jumps to another day, forward or back, every tenth
 * of a second: for all code but the JDK's own, so also for the driver and the pool.
 */
public final class JumpingClock {

  private static final long STAYS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long NEAREST = Duration.ofDays(2).toMillis();
  private static final long FARTHEST = Duration.ofDays(400).toMillis();

  private static volatile Jump jump = new Jump(System.nanoTime(), FARTHEST);

  private JumpingClock() {}

  private record Jump(long at, long millis) {}

  /** The option that starts a JVM with it; the agent is written into the folder. */
  public static String option(Path folder) throws IOException {
    Path jar = folder.resolve("jumping-clock.jar");
    if (Files.notExists(jar)) {
      Manifest manifest = new Manifest();
      Attributes attributes = manifest.getMainAttributes();
      attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
      attributes.putValue("Premain-Class", JumpingClock.class.getName());
      try (OutputStream file = Files.newOutputStream(jar);
          JarOutputStream out = new JarOutputStream(file, manifest)) {
        out.finish();
      }
    }
    return "-javaagent:" + jar;
  }

  /** Called by the JVM before the main class. */
  public static void premain(@Nullable String arguments, Instrumentation jvm) {
    jvm.addTransformer(new Redirection());
  }

  /** Instead of {@link System#currentTimeMillis()}. */
  public static long currentTimeMillis() {
    Jump current = jump;
    long now = System.nanoTime();
    if (now - current.at > STAYS) {
      ThreadLocalRandom random = ThreadLocalRandom.current();
      long distance = random.nextLong(NEAREST, FARTHEST);
      current = new Jump(now, random.nextBoolean() ? distance : -distance);
      jump = current;
    }
    return System.currentTimeMillis() + current.millis;
  }

  /** Instead of {@link Instant#now()}. */
  public static Instant now() {
    return Instant.ofEpochMilli(currentTimeMillis());
  }

  /** Sends calls for the time to this class. */
  private static final class Redirection implements ClassFileTransformer {

    private static final String CLOCK = JumpingClock.class.getName().replace('.', '/');

    @Override
    public byte @Nullable [] transform(
        @Nullable ClassLoader loader,
        @Nullable String name,
        @Nullable Class<?> redefined,
        @Nullable ProtectionDomain domain,
        byte[] bytes) {
      if (loader == null || CLOCK.equals(name)) {
        return null;
      }
      ClassReader reader = new ClassReader(bytes);
      ClassWriter writer = new ClassWriter(reader, 0);
      reader.accept(new Classes(writer), 0);
      return writer.toByteArray();
    }

    private static final class Classes extends ClassVisitor {
      Classes(ClassVisitor next) {
        super(Opcodes.ASM9, next);
      }

      @Override
      public MethodVisitor visitMethod(
          int access,
          String name,
          String type,
          @Nullable String generic,
          String @Nullable [] thrown) {
        return new Methods(super.visitMethod(access, name, type, generic, thrown));
      }
    }

    private static final class Methods extends MethodVisitor {
      Methods(MethodVisitor next) {
        super(Opcodes.ASM9, next);
      }

      @Override
      public void visitMethodInsn(
          int call, String owner, String name, String type, boolean inInterface) {
        String target = owner + "." + name + type;
        boolean asks =
            target.equals("java/lang/System.currentTimeMillis()J")
                || target.equals("java/time/Instant.now()Ljava/time/Instant;");
        super.visitMethodInsn(call, asks ? CLOCK : owner, name, type, inInterface);
      }
    }
  }
}
