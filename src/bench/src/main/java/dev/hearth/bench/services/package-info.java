/** What many services cost: to deploy, to list page by page, and to start with. */
@NullMarked
package dev.hearth.bench.services;

import org.jspecify.annotations.NullMarked;
