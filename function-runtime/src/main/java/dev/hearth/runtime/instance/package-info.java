/** The life of an instance: start, readiness, quota, end. */
@NullMarked
package dev.hearth.runtime.instance;

import org.jspecify.annotations.NullMarked;
