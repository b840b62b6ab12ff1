"""
A network learns a pattern
==========================

e-prop (Bellec et al. 2020) teaches a recurrent network of 100 neurons to turn frozen noise into a sum of four sines. Here it sees the
pattern sixty-four times; ``brian2chip train pattern_generation`` trains to the end.
"""

from matplotlib import pyplot as plt

import brian2chip as bc

trained = bc.train("pattern_generation", seed=1, iterations=64, n_test=1)
print(f"loss {trained.history['loss'].iloc[0]:.1f} at first, {trained.history['loss'].iloc[-1]:.1f} after {len(trained.history)} updates")

_, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
left.plot(trained.history["update"], trained.history["loss"])
left.set(xlabel="update", ylabel="loss", ylim=0)
weights = trained.network.weights()["rec->rec"]
right.hist(weights[weights != 0], bins=40)
right.set(xlabel="recurrent weight", ylabel="synapses")
plt.show()
