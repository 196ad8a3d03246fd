/** The training loop: AdamW and Muon, learning rates, moving averages, saves and resumption. */
package io.kinora.training.optim;
