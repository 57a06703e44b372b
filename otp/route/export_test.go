package route

// WeightedSeeded makes the draws of tests the same each time.
var WeightedSeeded = weighted

// LearningCells is how many places a learning router keeps apart.
func (r *Router) LearningCells() int {
	r.learner.mu.Lock()
	defer r.learner.mu.Unlock()
	return len(r.learner.cells)
}
