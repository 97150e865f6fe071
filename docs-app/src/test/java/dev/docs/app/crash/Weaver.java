package dev.docs.app.crash;

import org.jspecify.annotations.Nullable;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/**
 * Writes calls of {@link KillSwitch} into copies of the server's classes, one for each {@link KillPoint}; and makes batches
 * so small that requests about a few documents have several.
 */
final class Weaver extends ClassVisitor {
    private static final Map<String, Integer> BATCHES = Map.of(
            "dev.docs.application.Bulk", 500,
            "dev.docs.application.Bulk$Run", 500,
            "dev.docs.application.Creations", 64);

    private static final int SMALL_BATCH = 5;

    private final String className;
    private final Set<KillPoint> found;
    private final Set<String> divided;

    private Weaver(ClassWriter next, String className, Set<KillPoint> found, Set<String> divided) {
        super(Opcodes.ASM9, next);
        this.className = className;
        this.found = found;
        this.divided = divided;
    }

    /** Makes a jar that comes before the original classes. A point that has lost its place fails here. */
    static void weave(Path jar) throws IOException {
        Set<KillPoint> found = EnumSet.noneOf(KillPoint.class);
        Set<String> divided = new HashSet<>();
        Map<String, byte[]> classes = new TreeMap<>();
        for (KillPoint point : KillPoint.values()) {
            if (!classes.containsKey(point.className())) {
                ClassWriter woven = new ClassWriter(ClassWriter.COMPUTE_MAXS);
                new ClassReader(original(point.className()))
                        .accept(new Weaver(woven, point.className(), found, divided), 0);
                classes.put(point.className(), woven.toByteArray());
            }
        }
        Set<KillPoint> lost = EnumSet.complementOf(EnumSet.copyOf(found));
        if (!lost.isEmpty()) {
            throw new IllegalStateException("these points are at places that the code no longer has: " + lost);
        }
        if (!divided.equals(BATCHES.keySet())) {
            throw new IllegalStateException("only these still have batches of the known sizes: " + divided);
        }
        classes.put(KillSwitch.class.getName(), original(KillSwitch.class.getName()));
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(file)) {
            for (Map.Entry<String, byte[]> entry : classes.entrySet()) {
                entries.putNextEntry(new JarEntry(resource(entry.getKey())));
                entries.write(entry.getValue());
            }
        }
    }

    private static byte[] original(String className) throws IOException {
        try (InputStream bytes = Weaver.class.getClassLoader().getResourceAsStream(resource(className))) {
            if (bytes == null) {
                throw new IllegalStateException("there is no class " + className);
            }
            return bytes.readAllBytes();
        }
    }

    private static String resource(String className) {
        return className.replace('.', '/') + ".class";
    }

    @Override
    public MethodVisitor visitMethod(
            int access, String method, String descriptor, @Nullable String signature, String @Nullable [] exceptions) {
        MethodVisitor next = super.visitMethod(access, method, descriptor, signature, exceptions);
        Integer batch = BATCHES.get(className);
        if (batch != null) {
            next = new SmallBatches(next, batch);
        }
        boolean bridge = (access & Opcodes.ACC_BRIDGE) != 0;
        for (KillPoint point : KillPoint.values()) {
            if (!bridge && point.className().equals(className) && point.method().equals(method)) {
                next = new Place(next, point);
            }
        }
        return next;
    }

    private final class SmallBatches extends MethodVisitor {
        private final int size;

        SmallBatches(MethodVisitor next, int size) {
            super(Opcodes.ASM9, next);
            this.size = size;
        }

        @Override
        public void visitIntInsn(int opcode, int operand) {
            boolean isSize = operand == size && (opcode == Opcodes.BIPUSH || opcode == Opcodes.SIPUSH);
            if (isSize) {
                divided.add(className);
            }
            super.visitIntInsn(isSize ? Opcodes.BIPUSH : opcode, isSize ? SMALL_BATCH : operand);
        }
    }

    private final class Place extends MethodVisitor {
        private final KillPoint point;

        Place(MethodVisitor next, KillPoint point) {
            super(Opcodes.ASM9, next);
            this.point = point;
        }

        @Override
        public void visitCode() {
            super.visitCode();
            passIf(point.isAtEntry());
        }

        @Override
        public void visitInsn(int opcode) {
            boolean returns = opcode >= Opcodes.IRETURN && opcode <= Opcodes.RETURN;
            passIf(returns && point.isAtExit());
            super.visitInsn(opcode);
        }

        @Override
        public void visitMethodInsn(int opcode, String owner, String name, String descriptor, boolean isInterface) {
            passIf(point.isBefore(name));
            super.visitMethodInsn(opcode, owner, name, descriptor, isInterface);
            passIf(point.isAfter(name));
        }

        private void passIf(boolean here) {
            if (here) {
                found.add(point);
                super.visitLdcInsn(point.toString());
                super.visitMethodInsn(
                        Opcodes.INVOKESTATIC,
                        Type.getInternalName(KillSwitch.class),
                        "pass",
                        Type.getMethodDescriptor(Type.VOID_TYPE, Type.getType(String.class)),
                        false);
            }
        }
    }
}
