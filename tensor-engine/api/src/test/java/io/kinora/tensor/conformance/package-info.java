/**
 * What every engine must do, as tests: a new engine extends {@link io.kinora.tensor.conformance.EngineConformance} and the classes
 * beside it, and gives an engine to test.
 */
package io.kinora.tensor.conformance;
