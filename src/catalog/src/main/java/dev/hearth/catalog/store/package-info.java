/** What is deployed, as rows of PostgreSQL: the only package that knows Hibernate. */
@NullMarked
package dev.hearth.catalog.store;

import org.jspecify.annotations.NullMarked;
