package dev.hearth.runtime.posix;

import jnr.ffi.Pointer;

/** Native memory that the garbage collector frees with its {@link Pointer}. */
final class NativeMemory {
    private NativeMemory() {}

    static Pointer allocate(int bytes) {
        return Libc.runtime().getMemoryManager().allocateDirect(bytes, true);
    }

    static Pointer of(byte[] content) {
        Pointer p = allocate(Math.max(1, content.length));
        p.put(0, content, 0, content.length);
        return p;
    }
}
