package route

// WeightedSeeded makes the draws of tests the same each time.
var WeightedSeeded = weighted
