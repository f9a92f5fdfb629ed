/** What happens between "deploy this" and the new revision serving, step by step. */
@NullMarked
package dev.hearth.catalog.deploy;

import org.jspecify.annotations.NullMarked;
