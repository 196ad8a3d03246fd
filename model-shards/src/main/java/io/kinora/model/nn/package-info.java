/** Layers with more than one user: linear maps in full or reduced precision, and norms. */
package io.kinora.model.nn;
