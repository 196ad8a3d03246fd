/** Examples by number, out of the procedural world or of files. */
package io.kinora.training.data;
