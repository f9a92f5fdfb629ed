/** What each revision's demand was of late, in bounded memory. */
@NullMarked
package dev.hearth.autoscaler.observe;

import org.jspecify.annotations.NullMarked;
