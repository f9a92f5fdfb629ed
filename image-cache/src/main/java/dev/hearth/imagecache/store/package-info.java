/** The node's image store on disk: who owns which path, and when something counts as stored. */
@NullMarked
package dev.hearth.imagecache.store;

import org.jspecify.annotations.NullMarked;
