/** The fence around native calls: domain verbs outside, libc inside; nothing else imports jnr. */
@NullMarked
package dev.hearth.runtime.posix;

import org.jspecify.annotations.NullMarked;
